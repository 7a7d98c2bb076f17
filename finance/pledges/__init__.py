"""Units that secure a loan: pledged, registered twice, watched every day, released or enforced."""
