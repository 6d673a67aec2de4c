"""What every page needs: scope, permissions, paging, fragments, navigation. Imports no other package of
`web`.
"""
