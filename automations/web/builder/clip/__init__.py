"""What someone copied from a rule, kept with their session until they paste it into another one."""
