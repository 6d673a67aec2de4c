"""The files that Shopify exports: Orders, and Customers."""

from __future__ import annotations

from automations.features.csv_import.csv_format import CsvFormat

_STATUS = {
    "fulfilled": "fulfilled",
    "partial": "confirmed",
    "unfulfilled": "confirmed",
    "pending": "confirmed",
    "restocked": "cancelled",
}

ORDERS = CsvFormat(
    "shopify",
    "Shopify, orders",
    "order",
    ("name", "financial status", "lineitem name"),
    {
        "name": "number",
        "email": "customer.email",
        "phone": "customer.phone",
        "billing name": "customer.name",
        "financial status": "payment_status",
        "fulfillment status": "status",
        "cancelled at": "cancelled_at",
        "created at": "placed_at",
        "currency": "currency",
        "total": "total",
        "shipping": "shipping",
        "taxes": "tax",
        "discount amount": "discount",
        "refunded amount": "amount_refunded",
        "outstanding balance": "outstanding",
        "shipping method": "shipping_words",
        "notes": "note",
        "tags": "tags",
        "shipping name": "recipient",
        "shipping company": "delivery_address.company",
        "shipping address1": "delivery_address.street",
        "shipping street": "",
        "shipping address2": "delivery_address.street_2",
        "shipping city": "delivery_address.city",
        "shipping province": "delivery_address.region",
        "shipping zip": "delivery_address.postcode",
        "shipping country": "delivery_address.country",
        "shipping phone": "delivery_address.phone",
        "lineitem name": "lines.name",
        "lineitem quantity": "lines.quantity",
        "lineitem price": "lines.unit_price",
        "lineitem sku": "lines.sku",
    },
    {"status": _STATUS},
    {"source": "web"},
)
CUSTOMERS = CsvFormat(
    "shopify_customers",
    "Shopify, customers",
    "customer",
    ("first name", "last name", "total spent"),
    {
        "customer id": "id",
        "first name": "first_name",
        "last name": "last_name",
        "email": "email",
        "phone": "phone",
        "accepts email marketing": "marketing_consent",
        "tags": "tags",
        "note": "note",
    },
)
