"""Writing to topics: one Kafka transaction per micro-batch."""
