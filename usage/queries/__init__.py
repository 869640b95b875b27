"""Reading what was called."""

from usage.queries.report import APP, ENDPOINT, Asked, Line, Moment, Report, report, totals

__all__ = ["APP", "ENDPOINT", "Asked", "Line", "Moment", "Report", "report", "totals"]
