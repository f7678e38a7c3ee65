# The core as WebAssembly modules, for browsers: `npm run build:browser`. Emscripten's toolchain file includes nothing of
# this; it is read where CMake runs under `emcmake`.
add_compile_options(-fexceptions)
if(WS_WASM_SIMD)
  add_compile_options(-msimd128)
else()
  # For few browsers, and larger: -O3 makes it larger still.
  set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
endif()

# whospeaks.mjs and .wasm in `folder`: the calls and the core, with the kernels of `kernel_flags` where there are vectors.
function(add_wasm_module target folder kernel_flags)
  add_executable(${target} $<TARGET_OBJECTS:whospeaks-calls>)
  target_link_libraries(${target} PRIVATE whospeaks-core)
  if(WS_WASM_SIMD)
    add_library(${target}-kernels OBJECT src/native/core/simd/isa_wasm.cpp)
    target_include_directories(${target}-kernels PRIVATE src/native/core)
    target_compile_options(${target}-kernels PRIVATE -Wall -Wextra ${kernel_flags})
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${target}-kernels>)
  endif()
  set_target_properties(${target} PROPERTIES OUTPUT_NAME whospeaks SUFFIX .mjs RUNTIME_OUTPUT_DIRECTORY ${folder})
  target_link_options(${target} PRIVATE -O3 -fexceptions ${kernel_flags} --no-entry
    # A module of JavaScript that makes no code of text: a page's policy may forbid that.
    "SHELL:-s MODULARIZE=1" "SHELL:-s EXPORT_ES6=1" "SHELL:-s USE_ES6_IMPORT_META=0" "SHELL:-s DYNAMIC_EXECUTION=0"
    "SHELL:-s ENVIRONMENT=web,worker" "SHELL:-s FILESYSTEM=0" "SHELL:-s ASSERTIONS=0"
    "SHELL:-s ALLOW_MEMORY_GROWTH=1" "SHELL:-s INITIAL_MEMORY=33554432" "SHELL:-s MAXIMUM_MEMORY=2147483648"
    "SHELL:-s EXPORTED_FUNCTIONS=_malloc,_free" "SHELL:-s INCOMING_MODULE_JS_API=instantiateWasm,print,printErr")
endfunction()

function(add_wasm_modules)
  add_library(whospeaks-calls OBJECT src/native/wasm/engine_calls.cpp src/native/wasm/front_end_calls.cpp)
  target_include_directories(whospeaks-calls PRIVATE src/native/core)
  target_compile_options(whospeaks-calls PRIVATE -Wall -Wextra)
  add_wasm_module(whospeaks-wasm ${CMAKE_BINARY_DIR} "")
  if(WS_WASM_SIMD)
    # Fused multiply-add, where the browser has it. All else is the same, and compiled once.
    add_wasm_module(whospeaks-wasm-relaxed ${CMAKE_BINARY_DIR}/relaxed -mrelaxed-simd)
  endif()
endfunction()
