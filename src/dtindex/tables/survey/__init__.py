"""Questionnaires: exports of 问卷星, Qualtrics, SPSS, LimeSurvey and plain tables, read against declared questions."""

from __future__ import annotations

from dtindex.tables.survey.careless import left_out
from dtindex.tables.survey.reading import SYNTHETIC, SurveyReading, is_survey, read_survey

__all__ = ["SYNTHETIC", "SurveyReading", "is_survey", "left_out", "read_survey"]
