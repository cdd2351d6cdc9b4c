package io.millrace.protocol;

import io.millrace.architecture.HouseRules;

final class ArchitectureTest implements HouseRules {
    @Override
    public String rootPackage() {
        return "io.millrace.protocol";
    }
}
