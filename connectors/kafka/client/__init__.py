"""What every Kafka client needs: how is a cluster reached, and how do its errors read?"""
