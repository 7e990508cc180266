"""What holds for all admissible weights: the parts that `rank_bounds` is put together from."""
