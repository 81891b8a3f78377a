"""Readers and writers made from the schemas: construct decodes one packet, generated code many."""
