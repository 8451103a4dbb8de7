package contract
import ("testing";"time";"os";"strings";"path/filepath";"fmt")
func TestScratch(t *testing.T){
 t0:=time.Now(); v,err:=New(); if err!=nil{t.Fatal(err)}; t.Log("open",time.Since(t0), len(v.schemas))
 t0=time.Now(); s,err:=New(WithStrict()); if err!=nil{t.Fatal(err)}; t.Log("strict",time.Since(t0)); 
 t0=time.Now(); New(); t.Log(time.Since(t0))
 fs,_:=filepath.Glob("/work/shared/fixtures/webhook__*")
 for _,f:=range fs { b,_:=os.ReadFile(f); if err:=s.CheckEvent(b);err!=nil{fmt.Println(filepath.Base(f),err)} }
 _ = strings.Cut
}
