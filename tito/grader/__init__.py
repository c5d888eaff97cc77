"""Grading: hand-ins are collected, graded in sandboxes, and their marks kept in nbgrader's gradebook."""
