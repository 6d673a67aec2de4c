"""Pages and API: one module per noun, one package per area. `blueprints` finds them all."""
