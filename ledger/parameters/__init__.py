"""Every rule number and calendar: dated, sourced, with its confidence."""
