"""Connection to a Kafka cluster, mapping of its errors, and administration clients."""
