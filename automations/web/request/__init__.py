"""What happens to every request before and after its page: who asks, may they, headers, errors.

Imports `setup` and `kit`.
"""
