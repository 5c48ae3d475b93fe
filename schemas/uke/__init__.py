"""レセプト電算 (UKE): its records as data, its lines, its receipts, and the way back to bytes."""
