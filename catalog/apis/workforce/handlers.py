"""Everything the document names: the handlers of operations and the `test:`s of filters."""

from catalog.apis.workforce.actuals import search_super_state_hours
from catalog.apis.workforce.adherence import search_adherences
from catalog.apis.workforce.demand import search_forecast_details, search_forecasts
from catalog.apis.workforce.employees import (
    update_employee_statuses,
    update_employees,
    update_personal_account_balances,
)
from catalog.apis.workforce.idp import (
    get_idp_details,
    get_idp_forecasts,
    get_idp_staff_groups,
    search_idp,
    search_idp_details,
    search_idp_forecasts,
    search_idp_staff_groups,
    search_idp_summaries,
)
from catalog.apis.workforce.people import (
    is_audit_of_code,
    is_changed_since,
    is_in_super_group,
    is_modified_since,
    is_named,
    is_valid_on,
    of_selected,
    selected,
    skill_of_selected,
)
from catalog.apis.workforce.productivity import search_agent_productivities
from catalog.apis.workforce.segment_changes import create_segments, delete_segments, update_segments
from catalog.apis.workforce.segments import (
    search_schedule_time_period_resolutions,
    search_segment_summaries,
    search_segments,
)
from catalog.apis.workforce.system import get_system_information, get_system_time, get_time_zones

__all__ = [
    "create_segments",
    "delete_segments",
    "get_idp_details",
    "get_idp_forecasts",
    "get_idp_staff_groups",
    "get_system_information",
    "get_system_time",
    "get_time_zones",
    "is_audit_of_code",
    "is_changed_since",
    "is_in_super_group",
    "is_modified_since",
    "is_named",
    "is_valid_on",
    "of_selected",
    "search_adherences",
    "search_agent_productivities",
    "search_forecast_details",
    "search_forecasts",
    "search_idp",
    "search_idp_details",
    "search_idp_forecasts",
    "search_idp_staff_groups",
    "search_idp_summaries",
    "search_schedule_time_period_resolutions",
    "search_segment_summaries",
    "search_segments",
    "search_super_state_hours",
    "selected",
    "skill_of_selected",
    "update_employee_statuses",
    "update_employees",
    "update_personal_account_balances",
    "update_segments",
]
