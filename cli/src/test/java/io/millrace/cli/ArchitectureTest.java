package io.millrace.cli;

import io.millrace.architecture.HouseRules;

final class ArchitectureTest implements HouseRules {
    @Override
    public String rootPackage() {
        return "io.millrace.cli";
    }
}
