"""Legal persons, users, memberships, roles, API clients, sign-in."""
