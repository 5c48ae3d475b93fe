"""The register: what the city knows of persons, residence, other schemes and registrations."""
