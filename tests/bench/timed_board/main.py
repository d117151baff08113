import stages  # noqa: F401 (runs the product)
