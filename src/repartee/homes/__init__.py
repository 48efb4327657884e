"""What homes have in common: live states, a connection that is kept, a breaker around each, several as one."""
