// Owns a precompiled header (Precompiled.cmake, tests/CMakeLists.txt); holds no code.
