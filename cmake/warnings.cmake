# Link `unflat_warnings` PRIVATE from every target of our own. It is never
# installed, so the flags cannot leak into a user's build.
add_library(unflat_warnings INTERFACE)
target_compile_options(unflat_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  -Wdouble-promotion -Wold-style-cast -Wnon-virtual-dtor
  # Designated initialisers leave fields at their defaults on purpose.
  -Wno-missing-field-initializers
  # GCC 12 reports false overlaps in std::string's operator+ (its bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  # Pictures must not change with the compiler's choice: keep a*b+c as two roundings.
  -ffp-contract=off)
