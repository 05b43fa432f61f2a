# Turns text files into one C file that defines TABLE[], one of those of formats/texts.h. Usable from any shell:
#   cmake -DOUTPUT=texts.c -DTABLE=embedded_texts "-DINPUTS=a.txt;b.txt" -P EmbedText.cmake
set(arrays "")
set(table "")
foreach(input IN LISTS INPUTS)
  get_filename_component(name "${input}" NAME_WE)
  string(MAKE_C_IDENTIFIER "text_${name}" array)
  file(READ "${input}" hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "((0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,))" "\\1\n" bytes "${bytes}")
  string(APPEND arrays "static const unsigned char ${array}[] = {\n${bytes}};\n\n")
  string(APPEND table "    {\"${name}\", {${array}, sizeof ${array}}},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"formats/texts.h\"\n\n${arrays}"
  "const struct embedded_text ${TABLE}[] = {\n${table}    {0, {0, 0}},\n};\n")
