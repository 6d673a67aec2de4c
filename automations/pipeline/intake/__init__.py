"""What tills, forms, webhooks and carriers send becomes typed changes. Imports `evaluation` and below."""
