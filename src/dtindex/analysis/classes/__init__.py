"""How units stand to a class: margins, probabilities, shares, and whether the class is there without its rule."""
