"""scikit-learn estimators over the steps: every method of the file format in a `Pipeline`, column by column.

Each takes the method's name and its settings as the file spells them, and keeps scikit-learn's contract: `fit` learns
from the reference rows, `transform` applies what was learned, NaN is missing and stays, fitted attributes end in ``_``.

>>> import numpy as np
>>> from dtindex.estimators import Normaliser
>>> Normaliser("goalposts", options={"worst": 400, "best": 0}).fit_transform(np.array([[100.0], [500.0]]))
array([[75.],
       [ 0.]])
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from pydantic import TypeAdapter, ValidationError
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from dtindex.spec.methods import Goalposts, Impute, Normalise, Transform, Treat
from dtindex.spec.tree import stated_direction
from dtindex.status import Status
from dtindex.steps.impute import Imputer as _Imputation
from dtindex.steps.impute import imputer
from dtindex.steps.indicator import clip_to
from dtindex.steps.normalise import Normaliser as _Normalisation
from dtindex.steps.normalise import normaliser
from dtindex.steps.transform import Transformation, transformation
from dtindex.steps.treat import Treatment, treatment
from dtindex.steps.types import FloatArray, Sample, State

__all__ = ["Imputer", "Normaliser", "Transformer", "Treater"]

Options = Mapping[str, Any]
Direction = Literal["higher", "lower"]


class _Columnwise(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Fits one method on each column, and applies it to each."""

    method: str
    options: Options | None

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def fit(self, X: ArrayLike, y: object = None) -> Any:
        """Learn from the reference rows ``(rows, columns)``.

        Raises
        ------
        ValueError
            Unknown method or setting; a column without variation where the method divides by it.
        """
        least = 2 if self._learns() else 1
        values = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", ensure_min_samples=least)
        self.states_: list[State] = [self._fit(column, values[:, column]) for column in range(values.shape[1])]
        return self

    def transform(self, X: ArrayLike) -> FloatArray:
        """The method applied to each column of ``(rows, columns)``; NaN is missing."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        columns = [self._apply(column, values[:, column], state) for column, state in enumerate(self.states_)]
        return np.column_stack(columns)

    @abstractmethod
    def _learns(self) -> bool:
        """Whether the method needs more than one row to learn from."""

    @abstractmethod
    def _fit(self, column: int, values: FloatArray) -> State: ...

    @abstractmethod
    def _apply(self, column: int, values: FloatArray, state: State) -> FloatArray: ...


class Normaliser(_Columnwise):
    """Raw values to scores, higher always better.

    Parameters
    ----------
    method
        A ``normalise:`` method: ``min-max``, ``goalposts``, ``z-score`` ...
    direction
        ``higher`` or ``lower``, for all columns or one for each; goalposts say it themselves.
    scale
        The ends of the scale; ``open`` methods ignore it.
    options
        The method's settings as the file spells them, for all columns.
    """

    def __init__(
        self,
        method: str = "min-max",
        *,
        direction: Direction | Sequence[Direction] = "higher",
        scale: tuple[float, float] = (0.0, 100.0),
        options: Options | None = None,
    ) -> None:
        self.method = method
        self.direction = direction
        self.scale = scale
        self.options = options

    def _normaliser(self, column: int) -> _Normalisation[Any]:
        spec = _spec(Normalise, self.method, self.options)
        direction = self.direction if isinstance(self.direction, str) else self.direction[column]
        if isinstance(spec, Goalposts):
            direction = stated_direction(spec) or direction
        return normaliser(spec, direction, self.scale)

    def _learns(self) -> bool:
        return self._normaliser(0).learns

    def _fit(self, column: int, values: FloatArray) -> State:
        method = self._normaliser(column)
        if method.learns and np.isnan(values).all():
            raise ValueError(f"column {column} has no value to fit on")
        return method.fit(_sample(values))

    def _apply(self, column: int, values: FloatArray, state: State) -> FloatArray:
        method = self._normaliser(column)
        refused = method.refuses(values)
        if refused is not None and refused.any():
            raise ValueError(f"column {column} holds answers that {self.method} does not allow")
        return clip_to(method.normalise(_sample(values), state), self.scale, method.clip)


class Treater(_Columnwise):
    """Outliers moved or transformed by a ``treat:`` method; ``winsorise`` with a twentieth at each end unless said."""

    def __init__(self, method: str = "winsorise", *, options: Options | None = None) -> None:
        self.method = method
        self.options = options

    def _treatment(self) -> Treatment[Any]:
        usual = {"low": 0.05, "high": 0.05} if self.method == "winsorise" and self.options is None else self.options
        return treatment(_spec(Treat, self.method, usual))

    def _learns(self) -> bool:
        return False

    def _fit(self, column: int, values: FloatArray) -> State:
        return self._treatment().fit(_observed(values))

    def _apply(self, column: int, values: FloatArray, state: State) -> FloatArray:
        method = self._treatment()
        return method.carry(method.treat(values, state), state)


class Transformer(_Columnwise):
    """A ``transform:`` method, such as ``log``; a value outside its domain becomes NaN."""

    def __init__(self, method: str = "yeo-johnson", *, options: Options | None = None) -> None:
        self.method = method
        self.options = options

    def _transformation(self) -> Transformation[Any]:
        return transformation(_spec(Transform, self.method, self.options))

    def _learns(self) -> bool:
        return self._transformation().learns

    def _fit(self, column: int, values: FloatArray) -> State:
        return self._transformation().fit(_observed(values))

    def _apply(self, column: int, values: FloatArray, state: State) -> FloatArray:
        return self._transformation().transform(values, state)


class Imputer(_Columnwise):
    """Missing values filled column by column: ``group-mean`` or ``group-median`` over all rows.

    Groups, panels and rows need the names of units, which a bare matrix does not have: use a methodology for them.
    """

    def __init__(self, method: str = "group-mean", *, options: Options | None = None) -> None:
        self.method = method
        self.options = options

    def _imputer(self) -> _Imputation[Any]:
        if self.method not in ("none", "group-mean", "group-median"):
            raise ValueError(
                f"{self.method!r} needs units, periods, groups or a tree; available here: group-mean, group-median"
            )
        return imputer(_spec(Impute, self.method, self.options))

    def _learns(self) -> bool:
        return False

    def _fit(self, column: int, values: FloatArray) -> State:
        return self._imputer().fit(_sample(values))

    def _apply(self, column: int, values: FloatArray, state: State) -> FloatArray:
        return np.where(np.isnan(values), self._imputer().propose(_sample(values), state), values)


def _spec(union: Any, method: str, options: Options | None) -> Any:
    """The block of the file format that the method and its settings make."""
    adapter: TypeAdapter[Any] = TypeAdapter(union)
    try:
        return adapter.validate_json(json.dumps({"method": method, **(options or {})}), strict=True)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise ValueError(f"method {method!r}: {problems}") from error


def _sample(values: FloatArray) -> Sample:
    missing = np.where(np.isnan(values), np.uint16(Status.MISSING), np.uint16(0))
    return Sample(np.ascontiguousarray(values), missing)


def _observed(values: FloatArray) -> FloatArray:
    return values[~np.isnan(values)]
