"""The template language of messages: what it allows, checks and renders. Imports `engine`."""
