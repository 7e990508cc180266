"""Questions asked of a scored index, one file a question. Nothing here reads files, prints, or keeps state."""
