package io.millrace.simulation;

import io.millrace.architecture.HouseRules;

final class ArchitectureTest implements HouseRules {
    @Override
    public String rootPackage() {
        return "io.millrace.simulation";
    }
}
