"""Store Automations: rules that store managers write, evaluated and carried out.

`docs/how-to-read-the-code.md` is the map.
"""
