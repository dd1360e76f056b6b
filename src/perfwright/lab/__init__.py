"""Small services to test against: the demo, the test bed, the teaching. Knows nobody of ours."""
