"""The checker: tests in one process, what a student wrote in another, and what came of it in words."""
