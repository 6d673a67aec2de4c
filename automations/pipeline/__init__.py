"""The line that a change travels, in this order: intake, evaluation, delivery. It imports nothing of
`features`.
"""
