# Writes ${OUTPUT}: the schema files as constexpr strings behind store::embedded_migrations().
set(text "// Generated from sql/. Do not edit.\n#include \"store/embedded_sql.hpp\"\n\nnamespace smsauth::store {\n\n")
foreach(flavor mysql sqlite)
  set(count 0)
  string(APPEND text "static const embedded_migration ${flavor}_migrations[] = {\n")
  file(GLOB names RELATIVE ${ROOT}/${flavor} ${ROOT}/${flavor}/*.sql)
  list(SORT names)
  foreach(name ${names})
    file(READ ${ROOT}/${flavor}/${name} body)
    string(REGEX MATCH "^[0-9]+" number ${name})
    math(EXPR version "${number} + 0")
    string(APPEND text "  {${version}, \"${name}\", R\"sql(${body})sql\"},\n")
    math(EXPR count "${count} + 1")
  endforeach()
  string(APPEND text "};\n\n")
endforeach()
string(APPEND text "std::span<const embedded_migration> embedded_migrations(sql_flavor flavor) {
  if (flavor == sql_flavor::mysql) return mysql_migrations;
  return sqlite_migrations;
}

}  // namespace smsauth::store
")
file(WRITE ${OUTPUT} "${text}")
