"""Link budget both ways, throughput, probability, verdict."""
