"""What is sold and under which terms: products, prices, coupons, promotion codes, discounts, tax rates, currencies."""
