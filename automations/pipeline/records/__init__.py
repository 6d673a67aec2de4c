"""Records as the line sees them: kinds, snapshots, and the change that is asked for. Imports the models."""
