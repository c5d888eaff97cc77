"""tito carries the course: it builds, exports, checks and shows; the framework itself is written by the student."""

__version__ = "0.1.0"
