"""When and by whom: jobs, schedules, alarms, and the command line."""
