"""The embedded default: environment, PostgreSQL, Valkey and processes on one machine."""
