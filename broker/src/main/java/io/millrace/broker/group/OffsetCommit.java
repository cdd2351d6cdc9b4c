package io.millrace.broker.group;

/** An offset to be committed. Immutable. */
public record OffsetCommit(TopicIndex partition, CommittedOffset offset) {}
