"""What meters read: kept by the day, corrected by versions, rolled up, provable by month."""
