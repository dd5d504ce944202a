"""Customers and customer groups as WeCom has them."""
