package io.millrace.benchmarks.scenario;

import io.millrace.benchmarks.measure.Figures;
import java.io.IOException;
import java.util.List;

/** One thing that is measured, between some contenders; the last is the peer that the others are compared with. */
public interface Scenario {
    String name();

    /** What is done, in a line. */
    String about();

    List<Contender> contenders();

    List<Column> columns();

    /** Whether flushes per message mean something here. */
    boolean countsFlushes();

    /** Runs it once, from an empty directory, and verifies what it measured. */
    Figures run(Contender contender, Workbench bench) throws IOException, InterruptedException;
}
