! What formatted transfers give where item, field and record do not fit: types, widths, records, signs of zero.
program p
  call infinities
  call short_records
  call short_fields
  call types
  call zeroes
  call internal_records
end program
subroutine infinities
  real x
  double precision d
  x = huge(x)
  d = huge(d)
  print *, cmplx(2*x, -2*x), cmplx(1.0, 2*x), 2*x
  print *, cmplx(2*d, -2*d, 8), cmplx(-1d0, 2*d, 8), -2*d
end subroutine
subroutine short_records
  character(5) c
  character(20) t
  character(3) s3
  open(10,status='scratch')
  write(10,'(a)') 'ab','abcdef','abcdefghij','   ab'
  rewind 10
  do i=1,4
  read(10,'(a7)') c
  print *, '[',c,']'
  end do
  t='ab'
  read(t,'(a7)') c
  print *, '[',c,']'
  s3='ab'
  read(s3,'(a7)') c
  print *, '[',c,']'
  t='  ab'
  read(t,'(a7)') c
  print *, '[',c,']'
  t='abcdefg'
  read(t,'(a7)') c
  print *, '[',c,']'
  read(t,'(t6,a7)') c
  print *, '[',c,']'
end subroutine
subroutine short_fields
  character(5) c,d
  character(20) t,a(2)
  a(1)='ab'; a(2)='  abcdef'
  c='?'; d='?'
  read(a,'(a7)') c,d
  print *, '[',c,'][',d,']'
  t='ab'
  read(t,'(a2,a7)') c,d
  print *, '[',c,'][',d,']'
  read(t,'(a1,a7)') c,d
  print *, '[',c,'][',d,']'
  t='abcdef'
  read(t,'(a1,a7)') c,d
  print *, '[',c,'][',d,']'
  read(t,'(a1,t4,a9)') c,d
  print *, '[',c,'][',d,']'
  t='abcdef'
  t(20:20)='z'
  read(t,'(a1,a7)') c,d
  print *, '[',c,'][',d,']'
  open(21,access='direct',recl=12,form='formatted',status='scratch')
  write(21,'(a)',rec=1) 'ab'
  read(21,'(a7)',rec=1) c
  print *, '[',c,']'
  read(21,'(t8,a7)',rec=1) c
  print *, '[',c,']'
  open(20,status='scratch')
  write(20,'(a)') 'ab','abcdefgh',''
  rewind 20
  read(20,'(a1,a7)') c,d
  print *, '[',c,'][',d,']'
  read(20,'(a1,t3,a7)') c,d
  print *, '[',c,'][',d,']'
  read(20,'(a1,a7)') c,d
  print *, '[',c,'][',d,']'
  backspace 20
  backspace 20
  read(20,'(a9)',advance='no',iostat=i) c
  print *, i,'[',c,']'
  backspace 20
  i=0
  read(20,'(a9)',advance='no',iostat=i) c
  print *, i,'[',c,']'
end subroutine
subroutine types
  character(40) o
  integer i
  real x
  logical l
  complex z
  character(5) c
  real xx(3)
  i=5;x=1.5;l=.true.;z=1;c='abc';xx=2
  o=' '; write(o,'(i5)',iostat=k) x; print *,k.ne.0,o
  o=' '; write(o,'(f5.1)',iostat=k) i; print *,k.ne.0,o
  o=' '; write(o,'(l5)',iostat=k) i; print *,k.ne.0,o
  o=' '; write(o,'(i5)',iostat=k) l; print *,k.ne.0,o
  o=' '; write(o,'(a)',iostat=k) l; print *,k.ne.0
  o=' '; write(o,'(a)',iostat=k) i; print *,k.ne.0
  o=' '; write(o,'(i5)',iostat=k) c; print *,k.ne.0,o
  o=' '; write(o,'(f5.1)',iostat=k) c; print *,k.ne.0,o
  o=' '; write(o,'(2f5.1)',iostat=k) z; print *,k.ne.0,o
  o=' '; write(o,'(2i5)',iostat=k) z; print *,k.ne.0,o
  o=' '; write(o,'(es9.1)',iostat=k) l; print *,k.ne.0,o
  o=' '; write(o,'(3i5)',iostat=k) xx; print *,k.ne.0,o
  o=' '; write(o,'(3f5.1)',iostat=k) (xx(j),j=1,3); print *,k.ne.0,o
  o=' '; write(o,'(3f5.1)',iostat=k) xx(1:2)+1; print *,k.ne.0,o
  o=' '; write(o,'(z8)',iostat=k) x; print *,k.ne.0,o
  o=' '; write(o,'(b3,o5)',iostat=k) l,l; print *,k.ne.0,o
  o=' '; write(o,'(i5)',iostat=k) 1.5d0; print *,k.ne.0,o
  o=' '; write(o,'(f5.1)',iostat=k) 5; print *,k.ne.0,o
  o='12345'
  read(o,'(i5)',iostat=k) x; print *,k.ne.0,x
  read(o,'(f5.1)',iostat=k) i; print *,k.ne.0,i
  read(o,'(l5)',iostat=k) i; print *,k.ne.0,i
  read(o,'(i5)',iostat=k) l; print *,k.ne.0,l
  read(o,'(i5)',iostat=k) c; print *,k.ne.0,c
  read(o,'(a)',iostat=k) x; print *,k.ne.0
  read(o,'(z5)',iostat=k) x; print *,k.ne.0
end subroutine
subroutine zeroes
  character(20) t
  real x
  double precision d
  complex z
  t='-0.0 -0'
  read(t,*) d,x
  print *, d,x
  read(t,'(f4.0,f3.0)') d,x
  print *, d,x
  t='(-0.0,-0)'
  read(t,*) z
  print *,z
end subroutine
subroutine internal_records
  character(10) o,oo(2),g
  integer n
  n=77
  o='?'; write(o,'(a,/)',iostat=i) 'ab'; print *,i,o,n
  o='?'; write(o,'(a,/,a)',iostat=i) 'ab'; print *,i,o,n
  o='?'; write(o,'(/,a)',iostat=i) 'ab'; print *,i,n
  o='?'; write(o,'(a//a)',iostat=i) 'ab','cd'; print *,i,n
  o='?'; write(o,'(a)',iostat=i) 'ab','cd'; print *,i,n
  o='?'; write(o,'(a)',iostat=i) 'abcdefghij'; print *,i,o,n
  oo='?'; write(oo,'(a,/)',iostat=i) 'ab'; print *,i,oo,n
  oo='?'; write(oo,'(a,/,a)',iostat=i) 'ab','cd'; print *,i,oo,n
  oo='?'; write(oo,'(a,/,a,/)',iostat=i) 'ab','cd'; print *,i,n
  oo='?'; write(oo,'(a)',iostat=i) 'ab','cd'; print *,i,oo,n
  oo='?'; write(oo,'(a)',iostat=i) 'ab','cd','ef'; print *,i,n
  oo='?'; write(oo,'(3x)',iostat=i); print *,i,oo,n
  oo='?'; write(oo,'(a,t8,a)',iostat=i) 'ab','cd'; print *,i,oo,n
  o='?'; write(o,'(f8.1)',iostat=i) 1e-10,0.005; print *,i,n
  o='?'; write(o,'()',iostat=i); print *,i,o
end subroutine
