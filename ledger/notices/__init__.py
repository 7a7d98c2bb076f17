"""Notices: what people should know, in their inbox and by mail, until it is settled."""
